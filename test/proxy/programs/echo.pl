# perl echo.pl NAME PROTOCOL:PORT…
#
# Answers every connection, every line of one, and every datagram with `NAME CALLER-ADDRESS`, in both families. Prints
# its process id once all sockets listen, and goes on in the background; ends by itself after half an hour.
use strict;
use warnings;
use Errno;
use IO::Select;
use Socket qw(:DEFAULT inet_ntop unpack_sockaddr_in6 pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);

my ($name, @listeners) = @ARGV;
my %types = (tcp => [SOCK_STREAM, 6], udp => [SOCK_DGRAM, 17], sctp => [SOCK_STREAM, 132]);
my ($select, %datagrams, %listening) = IO::Select->new;
for (@listeners) {
  my ($protocol, $port) = split /:/;
  my ($type, $number) = @{$types{$protocol}};
  socket(my $socket, AF_INET6, $type, $number) or die "$protocol: $!\n";
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  bind($socket, pack_sockaddr_in6($port, Socket::IN6ADDR_ANY)) or die "$protocol:$port: $!\n";
  if ($type == SOCK_STREAM) { listen($socket, 4096) or die "$protocol:$port: $!\n"; $listening{$socket} = 1 }
  else { $datagrams{$socket} = 1 }
  $select->add($socket);
}
if (my $child = fork) { print "$child\n"; exit }
close $_ for *STDIN, *STDOUT, *STDERR;
$SIG{PIPE} = 'IGNORE';
alarm 1800;

sub answer {
  my $ip = inet_ntop(AF_INET6, (unpack_sockaddr_in6($_[0]))[1]);
  $ip =~ s/^::ffff:(?=\d+\.)//;
  return "$name $ip\n";
}
my %greeting;
while (1) {
  for my $socket ($select->can_read) {
    if ($datagrams{$socket}) {
      my $peer = recv($socket, my $data, 2048, 0);
      send($socket, answer($peer), 0, $peer) if $peer;
    } elsif ($listening{$socket}) {
      my $peer = accept(my $connection, $socket) or next;
      $greeting{$connection} = answer($peer);
      syswrite($connection, $greeting{$connection});
      $select->add($connection);
    } elsif (sysread($socket, my $data, 2048)) {
      syswrite($socket, $greeting{$socket});
    } else {
      delete $greeting{$socket};
      $select->remove($socket);
      close $socket;
    }
  }
}
