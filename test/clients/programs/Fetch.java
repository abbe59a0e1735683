// java -DsocksProxyHost=... [-Dlogin=... -Dpassword=...] Fetch.java URL
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URL;

public class Fetch {
    public static void main(String[] args) throws Exception {
        String login = System.getProperty("login");
        if (login != null) {
            // java.net.socks.username is documented, and not read.
            Authenticator.setDefault(new Authenticator() {
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication(login, System.getProperty("password").toCharArray());
                }
            });
        }
        System.out.write(new URL(args[0]).openStream().readAllBytes());
        System.out.flush();
    }
}
