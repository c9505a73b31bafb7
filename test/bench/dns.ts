/**
 * `node test/bench/dns.ts [seconds]`: how many questions the resolver answers. It runs alone in a process on the first
 * core, `dnsperf` asks from the second. Prints one line a kind of question; everything stays on loopback.
 */
import { createSocket } from 'node:dgram'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'dns-packet'
import { createExec } from '../../host/exec.ts'
import { lineOf, percentile, type Figure } from './report.ts'

const [seconds = '5'] = process.argv.slice(2)
const exec = createExec()
const show = (figure: Figure): void => console.log(lineOf(figure))
const svc = 'default.svc.cluster.local'
const some = Array.from({ length: 2000 }, (_, n) => (n * 4999) % 10_000)

interface Kind { readonly name: string; readonly questions: readonly string[]; readonly mode?: 'tcp'; readonly aim?: number }
interface Ports { readonly udp: number; readonly tcp: number }

const kinds: readonly Kind[] = [
  { name: 'A of 2,000 Services among 10,000', questions: some.map((n) => `svc-${n}.${svc} A`), aim: 15_000 },
  { name: 'AAAA that they have not', questions: some.map((n) => `svc-${n}.${svc} AAAA`) },
  { name: 'names that do not exist', questions: some.map((n) => `svc-${n}.${svc}.${svc} A`) },
  { name: 'PTR of cluster IPs', questions: some.map((n) => `${n & 255}.${n >> 8}.96.10.in-addr.arpa PTR`) },
  { name: 'A of 20 endpoints', questions: [`headless.${svc} A`] },
  { name: 'SRV of 20 endpoints, truncated', questions: [`_http._tcp.headless.${svc} SRV`] },
  { name: 'others’ names, from the cache', questions: some.map((n) => `www-${n % 500}.example.com A`) },
  { name: 'A by TCP, 10 connections', questions: some.map((n) => `svc-${n}.${svc} A`), mode: 'tcp' },
]

const directory = await mkdtemp(join(tmpdir(), `k8ts-bench-dns-${process.pid}-`))
const server = await exec.spawn('taskset', ['-c', '0', process.execPath, join(import.meta.dirname, 'dns/server.ts')])
try {
  const ports = await new Promise<{ udp: number; tcp: number; mebibytes: number }>((resolve, reject) => {
    server.stdout?.once('data', (line: Buffer) => resolve(JSON.parse(line.toString())))
    void server.exited.then(() => reject(new Error('The resolver has ended')))
  })
  show({ name: 'memory for 10,000 Services with their slices', value: ports.mebibytes, unit: 'MiB' })
  // What the compiler has not seen often it has not made fast yet.
  await ask(kinds[0]!, ports, '2')
  for (const kind of kinds) await measure(kind, ports)
  await latency(ports.udp)
} finally {
  server.stdin?.end()
  await server.exited
  await rm(directory, { recursive: true, force: true })
}

async function measure(kind: Kind, ports: Ports): Promise<void> {
  const begun = await cpuSeconds()
  const stdout = await ask(kind, ports, seconds)
  const used = (await cpuSeconds()) - begun
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1])
  const perSecond = Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1])
  show({ name: `${kind.name}, per second`, value: perSecond, unit: '/s' })
  show({ name: `${kind.name}, per CPU second`, value: completed / used, unit: '/s', ...(kind.aim !== undefined && { aim: { atLeast: kind.aim } }) })
}

/** What dnsperf says. */
async function ask({ questions, mode }: Kind, ports: Ports, forSeconds: string): Promise<string> {
  const file = join(directory, 'questions')
  await writeFile(file, questions.map((line) => `${line}\n`).join(''))
  const transport = mode ? ['-p', String(ports.tcp), '-m', mode] : ['-p', String(ports.udp)]
  return (await exec.run('taskset', ['-c', '1', 'dnsperf', '-s', '127.0.0.1', ...transport, '-d', file, '-l', forSeconds, '-c', '10', '-q', '100'], { timeoutMs: (Number(forSeconds) + 30) * 1000 })).stdout
}

/** One question every few milliseconds, while others ask 5,000 a second. */
async function latency(port: number): Promise<void> {
  const file = join(directory, 'questions')
  await writeFile(file, some.map((n) => `svc-${n}.${svc} A\n`).join(''))
  const load = exec.run('taskset', ['-c', '1', 'dnsperf', '-s', '127.0.0.1', '-p', String(port), '-d', file, '-l', seconds, '-c', '10', '-Q', '5000'], { timeoutMs: (Number(seconds) + 30) * 1000 })
  let over = false
  const done = load.finally(() => { over = true })
  const socket = createSocket('udp4')
  const samples: number[] = []
  const packet = encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name: `svc-1.${svc}`, type: 'A' }] })
  while (!over) {
    const begun = performance.now()
    const answered = new Promise<void>((resolve) => socket.once('message', () => resolve()))
    socket.send(packet, port, '127.0.0.1')
    await Promise.race([answered, done])
    if (!over) samples.push(performance.now() - begun)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await done
  socket.close()
  for (const share of [0.5, 0.99]) show({ name: `answer while 5,000 a second are asked, p${share * 100}`, value: percentile(samples, share), unit: 'ms' })
}

/** What the resolver's process has used so far; the kernel's share of sending and receiving is in it. */
async function cpuSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
