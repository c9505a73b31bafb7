# perl ask.pl
#
# Reads questions from standard input, a line each with tabs between the words, and answers all of them side by side: a
# line with the question's number and the answers, with tabs between.
#
#     NUMBER PROTOCOL HOST PORT TIMES PATIENCE SOURCE-ADDRESS SOURCE-PORT [HOLD]
#
# asks an echo server TIMES times, one after the other, each time from a new socket (with a SOURCE-PORT: all from that
# port). An answer is what the server said, or the error's name (`ECONNREFUSED`, …), or `timeout` after PATIENCE seconds.
# With HOLD the connection is kept: `NUMBER again HOLD` asks on it once more, `NUMBER drop HOLD` ends it, at once and for
# both sides.
use strict;
use warnings;
use Errno;
use Fcntl;
use Socket qw(:DEFAULT inet_ntop inet_pton pack_sockaddr_in6 unpack_sockaddr_in6);

# The kernel remembers a closed connection for some seconds, an answered datagram longer, and sends whoever asks again from
# the same port where the last one went. Ports drawn by chance meet too often, so they are dealt out.
my ($firstPort, $ports) = (12_000, 16_000);
my $dealt = 0;
$SIG{CHLD} = 'IGNORE';
my $question;
while (defined($question = <STDIN>)) {
  last unless fork;
  $dealt += (split /\t/, $question)[4] // 0;
}
exit unless defined $question;
chomp $question;
my ($id, $protocol, $host, $port, $times, $patience, $from, $fromPort, $hold) = split /\t/, $question, -1;
sub say { syswrite(STDOUT, join("\t", $id, @_) . "\n") }

# Who holds a connection listens at an abstract unix socket of this network namespace.
if ($protocol eq 'again' || $protocol eq 'drop') {
  socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "$!\n";
  my @answers = "nobody holds $host";
  if (connect($socket, pack_sockaddr_un("\0$host"))) {
    syswrite($socket, "$protocol\n");
    chomp(@answers = <$socket>);
  }
  say(@answers);
  exit;
}
my $door;
if ($hold) {
  socket($door, AF_UNIX, SOCK_STREAM, 0) or die "$!\n";
  bind($door, pack_sockaddr_un("\0$hold")) or die "$hold: $!\n";
  listen($door, 5);
}
my $family = $host =~ /:/ ? AF_INET6 : AF_INET;
my ($type, $number) = @{{tcp => [SOCK_STREAM, 6], udp => [SOCK_DGRAM, 17], sctp => [SOCK_STREAM, 132]}->{$protocol}};
sub address { my ($ip, $port) = @_; my $packed = inet_pton($family, $ip); $family == AF_INET ? pack_sockaddr_in($port, $packed) : pack_sockaddr_in6($port, $packed) }
sub name { my ($number) = @_; $! = $number; for (keys %!) { return $_ if $!{$_} && !/^(EWOULDBLOCK|ENOTSUP)$/ } "error $number" }
sub await { my ($socket, $for) = @_; my $bits = ''; vec($bits, fileno($socket), 1) = 1; $for eq 'read' ? select($bits, undef, undef, $patience) : select(undef, $bits, undef, $patience) }
sub listened { my ($socket) = @_;
  return 'timeout' unless await($socket, 'read');
  my $read = sysread($socket, my $answer, 2048);
  return name($!) unless defined $read;
  return 'closed' unless $read;
  chomp $answer;
  return $answer;
}

# The address from which this machine would call.
sub sourceTo {
  socket(my $probe, $family, SOCK_DGRAM, 17) or return '';
  connect($probe, address($host, 9)) or return '';
  return inet_ntop($family, $family == AF_INET ? (unpack_sockaddr_in(getsockname $probe))[1] : (unpack_sockaddr_in6(getsockname $probe))[1]);
}

my $kept;
sub ask {
  socket(my $socket, $family, $type, $number) or return name($!);
  $kept = $socket;
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  # Unbound, SCTP would tell the other side all addresses of this machine, and packets would find their way around the Service.
  my $own = $from || ($protocol eq 'sctp' ? sourceTo() : '');
  my $ownPort = $fromPort || ($protocol ne 'tcp' ? $firstPort + $dealt++ % $ports : 0);
  bind($socket, address($own || ($family == AF_INET ? '0.0.0.0' : '::'), $ownPort)) or return name($!) if $own || $ownPort;
  # SCTP takes "port unreachable" for a passing trouble unless the program wants to hear of every error (IP_RECVERR, IPV6_RECVERR);
  # TCP over IPv6 misses the one that comes while the call to connect is still at work, and would ask again after a second.
  setsockopt($socket, $family == AF_INET ? 0 : 41, $family == AF_INET ? 11 : 25, 1) if $type == SOCK_STREAM;
  fcntl($socket, F_SETFL, fcntl($socket, F_GETFL, 0) | O_NONBLOCK);
  unless (connect($socket, address($host, $port))) {
    return name($!) unless $!{EINPROGRESS};
    return 'timeout' unless await($socket, 'write');
    my $error = unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR));
    return name($error) if $error;
  }
  # A refusal on this very machine is an error here (EPERM) and a message for the socket, which says more.
  if ($type == SOCK_DGRAM) { defined(syswrite($socket, "hello\n")) or $!{EPERM} or return name($!) }
  return listened($socket);
}
say(map { ask() } 1 .. $times);
exit unless $hold;

$SIG{PIPE} = 'IGNORE';
close $_ for *STDIN, *STDOUT, *STDERR;
alarm 1800;
while (accept(my $visitor, $door)) {
  sysread($visitor, my $wish, 100);
  if ($wish eq "drop\n") {
    setsockopt($kept, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    exit;
  }
  my $answer = defined(syswrite($kept, "again\n")) ? listened($kept) : name($!);
  syswrite($visitor, "$answer\n");
  close $visitor;
}
