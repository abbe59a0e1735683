# udp.pl SERVER PROXY: a datagram and its answer.
use strict;
use Socket;
use IO::Socket::Socks;
my ($server, $proxy) = @ARGV;
my $socket = IO::Socket::Socks->new(ProxyAddr => $proxy, ProxyPort => 1080, UdpAddr => $server, UdpPort => 7) or die $SOCKS_ERROR;
my $peer = inet_aton($server);
$socket->send('hello', 0, pack_sockaddr_in(7, $peer)) or die $SOCKS_ERROR;
$socket->recv(my $answer, 100) or die $SOCKS_ERROR;
print $answer;
