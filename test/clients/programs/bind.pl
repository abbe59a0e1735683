# bind.pl SERVER PROXY: is called back by a server, as active FTP is.
use strict;
use IO::Socket::Socks;
my ($server, $proxy) = @ARGV;
my %proxy = (ProxyAddr => $proxy, ProxyPort => 1080);
my $control = IO::Socket::Socks->new(%proxy, ConnectAddr => $server, ConnectPort => 9) or die $SOCKS_ERROR;
my $data = IO::Socket::Socks->new(%proxy, BindAddr => $server, BindPort => 9) or die $SOCKS_ERROR;
my ($host, $port) = $data->dst;
print $control "$host:$port\n";
$data->accept or die $SOCKS_ERROR;
print while <$data>;
