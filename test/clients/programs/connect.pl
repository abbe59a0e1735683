# connect.pl HOST PROXY [USER PASSWORD]: IO::Socket::Socks.
use strict;
use IO::Socket::Socks;
my ($host, $proxy, $user, $password) = @ARGV;
my @login = defined $user ? (AuthType => 'userpass', Username => $user, Password => $password) : ();
my $socket = IO::Socket::Socks->new(ProxyAddr => $proxy, ProxyPort => 1080, ConnectAddr => $host, ConnectPort => 80, @login)
    or die $SOCKS_ERROR;
print $socket "GET / HTTP/1.0\r\n\r\n";
print while <$socket>;
