# perl echo.pl NAME PROTOCOL:PORT…
#
# Answers every connection, every line of one, and every datagram with `NAME CALLER-ADDRESS`, in both families. Prints
# its process id once all sockets listen, and goes on in the background; ends by itself after half an hour.
use strict;
use warnings;
use Errno;
use IO::Select;
use Socket qw(:DEFAULT inet_ntop inet_pton unpack_sockaddr_in6 pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);

my ($name, @listeners) = @ARGV;
# This machine's address in a family, as its default route has it; and the same with a port.
sub own {
  my ($family) = @_;
  socket(my $probe, $family, SOCK_DGRAM, 17) or die "$!\n";
  my $far = $family == AF_INET ? pack_sockaddr_in(9, inet_aton('192.0.2.100')) : pack_sockaddr_in6(9, inet_pton(AF_INET6, '2001:db8:2::100'));
  connect($probe, $far) or die "$!\n";
  return getsockname $probe;
}
sub at {
  my ($address, $port) = @_;
  return sockaddr_family($address) == AF_INET ? pack_sockaddr_in($port, (unpack_sockaddr_in($address))[1]) : pack_sockaddr_in6($port, (unpack_sockaddr_in6($address))[1]);
}
my %types = (tcp => [SOCK_STREAM, 6], udp => [SOCK_DGRAM, 17], sctp => [SOCK_STREAM, 132]);
my ($select, %datagrams, %listening) = IO::Select->new;
for (@listeners) {
  my ($protocol, $port) = split /:/;
  my ($type, $number) = @{$types{$protocol}};
  # SCTP tells its caller every address it listens at: a socket for each, or packets would find their way around the Service.
  for my $at ($protocol eq 'sctp' ? map { own($_) } AF_INET, AF_INET6 : pack_sockaddr_in6($port, Socket::IN6ADDR_ANY)) {
    socket(my $socket, sockaddr_family($at), $type, $number) or die "$protocol: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 0) if sockaddr_family($at) == AF_INET6;
    bind($socket, at($at, $port)) or die "$protocol:$port: $!\n";
    if ($type == SOCK_STREAM) { listen($socket, 4096) or die "$protocol:$port: $!\n"; $listening{$socket} = 1 }
    else { $datagrams{$socket} = 1 }
    $select->add($socket);
  }
}
if (my $child = fork) { print "$child\n"; exit }
close $_ for *STDIN, *STDOUT, *STDERR;
$SIG{PIPE} = 'IGNORE';
alarm 1800;

sub answer {
  return "$name " . inet_ntop(AF_INET, (unpack_sockaddr_in($_[0]))[1]) . "\n" if sockaddr_family($_[0]) == AF_INET;
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
