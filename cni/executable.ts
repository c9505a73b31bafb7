import { code } from './spec.ts'
import { wireFields, wireVersion } from './wire.ts'

export interface ExecutableOptions {
  /** The agent's socket. */
  readonly socket: string
  /** The Node that runs the fall-back, and the file it runs. */
  readonly nodePath: string
  readonly mainPath: string
}

/** What the executable is written in: see `renderExecutable`. */
export type ExecutableLanguage = 'perl' | 'shell'

/**
 * The executable that the runtime starts. Starting Node would cost more than the whole job, so it only hands environment
 * and input to the agent: as one small Perl process (part of every Debian and Ubuntu, starts in 2 ms, needs no other
 * process), or in POSIX shell with socat, which costs four times as much, where there is no Perl. When nobody listens
 * the plugin itself runs. An agent that dies in the middle is told apart: the call must not run twice at once, so the
 * runtime is asked to try again.
 */
export const renderExecutable = (language: ExecutableLanguage, options: ExecutableOptions): string => {
  // socat reads the path, and the kernel takes 107 bytes.
  if (!/^\/[\w./-]+$/.test(options.socket) || options.socket.length > 107) throw new Error(`the path of the socket must be plain and short: ${options.socket}`)
  return language === 'perl' ? renderPerl(options) : renderShell(options)
}

const died = JSON.stringify({ cniVersion: '1.0.0', code: code.tryAgainLater, msg: 'the k8ts agent went away during the call' })
const headline = 'k8ts CNI plugin: hands the call to the agent; without one it runs by itself. Written by k8ts, do not edit.'

const perlQuote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const renderPerl = ({ socket, nodePath, mainPath }: ExecutableOptions): string => `#!/usr/bin/perl
# ${headline}
$SIG{PIPE} = 'IGNORE';
my $input = do { local $/; <STDIN> } // '';
my @values = map { $ENV{$_} // '' } qw(${wireFields.join(' ')});
if (socket(AGENT, 1, 1, 0) && connect(AGENT, pack('Sa108', 1, ${perlQuote(socket)}))) {
  my $request = join(' ', '${wireVersion}', map { length } @values) . "\\n" . join('', @values) . $input;
  while (length $request) {
    my $sent = syswrite(AGENT, $request) or last;
    substr($request, 0, $sent, '');
  }
  shutdown(AGENT, 1);
  my $reply = do { local $/; <AGENT> } // '';
  if ($reply !~ s/^(\\d+)\\n//) {
    print ${perlQuote(died)}, "\\n";
    exit 1;
  }
  my $code = $1;
  print $reply, "\\n" if length $reply;
  exit $code;
}
open(my $plugin, '|-', ${perlQuote(nodePath)}, ${perlQuote(mainPath)}) or exit 127;
print $plugin $input;
close $plugin;
exit($? >> 8 || ($? ? 1 : 0));
`

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Written for few processes: `read` instead of `cat`, and a here-document, which the shell itself puts into a pipe. */
const renderShell = ({ socket, nodePath, mainPath }: ExecutableOptions): string => `#!/bin/sh
# ${headline}
LC_ALL=C
input=
while IFS= read -r line || [ -n "$line" ]; do
  input="$input$line
"
done
if [ -S ${socket} ] && reply=$(socat -t 120 - UNIX-CONNECT:${socket} 2>/dev/null <<END
${wireVersion} ${wireFields.map(name => `\${#${name}}`).join(' ')}
${wireFields.map(name => `\${${name}-}`).join('')}$input
END
); then
  case $reply in [0-9]*) ;; *)
    printf '%s\\n' ${shellQuote(died)}
    exit 1
  esac
  exitcode=\${reply%%"
"*}
  output=\${reply#"$exitcode"}
  output=\${output#"
"}
  [ -z "$output" ] || printf '%s\\n' "$output"
  exit "$exitcode"
fi
printf '%s' "$input" | { exec ${shellQuote(nodePath)} ${shellQuote(mainPath)}; }
`
