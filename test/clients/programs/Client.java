// java Client.java PROXY PORT [USER PASSWORD] URL URL: java.net.http of Java 11 and later.
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

public class Client {
    public static void main(String[] args) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress(args[0], Integer.parseInt(args[1]))));
        if (args.length > 4) {
            builder.authenticator(new Authenticator() {
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication(args[2], args[3].toCharArray());
                }
            });
        }
        HttpClient client = builder.build();
        for (int url = args.length - 2; url < args.length; url++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(args[url])).build();
            System.out.print(client.send(request, BodyHandlers.ofString()).body());
        }
    }
}
