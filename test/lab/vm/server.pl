# Runs commands for the host, over the serial line given. See frames.ts for the words of the protocol.
use strict;
use warnings;
use Errno qw(EINTR ENOENT EAGAIN);
use Fcntl;
use POSIX qw(:sys_wait_h _exit);

my ($start, $stdin, $eof, $kill, $forget) = (1 .. 5);
my ($setns, $CLONE_NEWNET) = (308, 0x4000_0000);    # on x86-64
my ($ready, $started, $refused, $stdout, $stderr, $exited) = (16 .. 21);

sysopen(my $line, $ARGV[0], O_RDWR) or die "$ARGV[0]: $!";
my %processes;    # number → { pid, in, out => { type → handle }, input, eof, status }
my %of_pid;       # process id → number
# A child may end at any moment, also just before select waits.
pipe(my $woken, my $wake) or die $!;
fcntl $_, F_SETFL, O_NONBLOCK for $woken, $wake;
$SIG{CHLD} = sub { local $!; syswrite $wake, 'x' };
$SIG{PIPE} = 'IGNORE';

sub send_frame {
  my ($type, $process, $payload) = @_;
  my $bytes = pack('NCN', 5 + length $payload, $type, $process) . $payload;
  while (length $bytes) {
    my $written = syswrite $line, $bytes;
    if (defined $written) { substr($bytes, 0, $written) = '' }
    elsif ($! != EINTR && $! != EAGAIN) { stop() }
  }
}

# The host has gone: nothing is left to do.
sub stop {
  syswrite STDERR, "the host has gone\n";
  system '/usr/bin/busybox', 'poweroff', '-f';
  sleep 60;
}

# `nsenter --net=PATH -- COMMAND` without starting nsenter, which costs as much as the command: the command that is left
# once we are inside. What does not work is left to nsenter, who can tell why.
sub enter {
  my ($command, $network, $end, @inside) = @_;
  return if $command ne 'nsenter' || ($end // '') ne '--' || $network !~ s/^--net=//;
  open my $namespace, '<', $network or return;
  return syscall($setns, fileno $namespace, $CLONE_NEWNET) == 0 ? @inside : ();
}

sub start_process {
  my ($process, $directory, $count, @words) = @_;
  my @environment = splice @words, 0, $count;
  pipe(my $in_read,  my $in_write)  or die $!;
  pipe(my $out_read, my $out_write) or die $!;
  pipe(my $err_read, my $err_write) or die $!;
  pipe(my $sad_read, my $sad_write) or die $!;    # closed by a successful exec
  my $pid = fork // die $!;
  if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(CHLD PIPE);
    for my $variable (@environment) {
      my ($name, $value) = split /=/, $variable, 2;
      if (defined $value) { $ENV{$name} = $value } else { delete $ENV{$name} }
    }
    my @inside = enter(@words);
    my $ok = POSIX::dup2(fileno $in_read, 0) && POSIX::dup2(fileno $out_write, 1) && POSIX::dup2(fileno $err_write, 2);
    $ok &&= chdir $directory if length $directory;
    my $what = $ok ? 'command' : 'directory';
    { no warnings 'exec'; exec { $inside[0] } @inside if $ok && @inside; exec { $words[0] } @words if $ok; }
    syswrite $sad_write, ($! == ENOENT && $what eq 'command' ? 'missing' : 'failed') . " $!";
    _exit(127);
  }
  close $_ for $in_read, $out_write, $err_write, $sad_write;
  my $trouble = '';
  while (1) {
    my $read = sysread $sad_read, $trouble, 1000;
    last if defined $read || $! != EINTR;
  }
  if (length $trouble) {
    waitpid $pid, 0;
    send_frame($refused, $process, $trouble);
    return;
  }
  fcntl $in_write, F_SETFL, O_NONBLOCK;
  $processes{$process} = { pid => $pid, in => $in_write, out => { $stdout => $out_read, $stderr => $err_read }, input => '', eof => 0 };
  $of_pid{$pid} = $process;
  send_frame($started, $process, $pid);
}

sub take_frame {
  my ($type, $process, $payload) = @_;
  return start_process($process, unpack '(N/a)*', $payload) if $type == $start;
  my $known = $processes{$process} or return;
  if    ($type == $stdin)  { $known->{input} .= $payload if $known->{in} }
  elsif ($type == $eof)    { $known->{eof} = 1 }
  elsif ($type == $kill)   { kill $payload, $known->{pid} if !defined $known->{status} }
  elsif ($type == $forget) { $known->{out} = {} }
}

sub feed {
  my ($known) = @_;
  if (length $known->{input}) {
    my $written = syswrite $known->{in}, $known->{input};
    if (defined $written) { substr($known->{input}, 0, $written) = '' }
    elsif ($! != EAGAIN && $! != EINTR) { $known->{input} = ''; $known->{eof} = 1 }    # nobody reads any more
  }
  if ($known->{eof} && !length $known->{input}) { close $known->{in}; delete $known->{in} }
}

# As process 1 it also gathers those whose parents are gone. Ended for the host is what has ended and whose output is
# read to the end, by whomever else it may still be held open.
sub reap {
  while ((my $pid = waitpid -1, WNOHANG) > 0) {
    my $process = delete $of_pid{$pid} // next;
    $processes{$process}{status} = $?;
  }
  for my $process (keys %processes) {
    my $known = $processes{$process};
    next if !defined $known->{status} || %{ $known->{out} };
    send_frame($exited, $process, pack 'CC', $known->{status} >> 8, $known->{status} & 127);
    delete $processes{$process};
  }
}

send_frame($ready, 0, '');
my $received = '';
while (1) {
  my ($readable, $writable) = ('', '');
  vec($readable, fileno $_, 1) = 1 for $line, $woken;
  for my $known (values %processes) {
    vec($readable, fileno $_, 1) = 1 for values %{ $known->{out} };
    vec($writable, fileno $known->{in}, 1) = 1 if $known->{in} && (length $known->{input} || $known->{eof});
  }
  my $count = select $readable, $writable, undef, undef;
  if ($count > 0) {
    sysread $woken, my $nothing, 1000;
    if (vec $readable, fileno $line, 1) {
      my $read = sysread $line, $received, 65536, length $received;
      stop() if defined $read ? $read == 0 : $! != EINTR && $! != EAGAIN;
      while (length $received >= 4 && length $received >= 4 + (my $length = unpack 'N', $received)) {
        my ($type, $process) = unpack 'x4 C N', $received;
        my $payload = substr $received, 9, $length - 5;
        substr($received, 0, 4 + $length) = '';
        take_frame($type, $process, $payload);
      }
    }
    for my $process (keys %processes) {
      my $known = $processes{$process};
      feed($known) if $known->{in} && vec $writable, fileno $known->{in}, 1;
      for my $type (keys %{ $known->{out} }) {
        my $handle = $known->{out}{$type};
        next if !vec $readable, fileno $handle, 1;
        my $read = sysread $handle, my $output, 32768;
        if ($read) { send_frame($type, $process, $output) }
        elsif (defined $read || $! != EINTR) { delete $known->{out}{$type} }
      }
    }
  }
  reap();
}
