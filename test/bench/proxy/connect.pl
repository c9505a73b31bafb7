# perl connect.pl HOST PORT TIMES: connects so often, one after the other, and prints how long each took, in microseconds.
# perl connect.pl HOST PORT until SECONDS: tries until it is let in, and prints when that was, in seconds since the epoch.
use strict; use warnings;
use Errno; use Fcntl;
use Socket qw(:DEFAULT IPPROTO_TCP);
use Time::HiRes qw(time usleep);
$| = 1;
my ($host, $port, $times, $patience) = @ARGV;
my $to = pack_sockaddr_in($port, inet_aton($host));
# A first packet that is lost would be sent again after a second: whoever waits for the moment tries anew with another socket.
sub attempt {
  my ($impatience) = @_;
  socket(my $socket, PF_INET, SOCK_STREAM, IPPROTO_TCP) or die "socket: $!";
  return connect($socket, $to) unless $impatience;
  fcntl($socket, F_SETFL, O_NONBLOCK);
  return 1 if connect($socket, $to);
  return 0 unless $!{EINPROGRESS};
  my $ready = ''; vec($ready, fileno $socket, 1) = 1;
  return 0 unless select(undef, $ready, undef, $impatience);
  return unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR)) == 0;
}
if ($times eq 'until') {
  my $deadline = time + $patience;
  print "ready\n";
  until (attempt(0.002)) { die "not let in within $patience s\n" if time > $deadline; usleep 100 }
  printf "%.6f\n", time;
} else {
  my @took;
  for (1 .. $times) {
    my $begun = time;
    attempt() or die "connect: $!\n";
    push @took, 1e6 * (time - $begun);
  }
  print join(' ', map { sprintf '%.0f', $_ } @took), "\n";
}
