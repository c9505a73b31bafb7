import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock as clock } from '../../host/clock.ts'
import { createExec } from '../../host/exec.ts'
import { bootVm, type Vm } from './vm.ts'

/**
 * `node test/vm/check.ts <directory> [kubectl]`: k8ts on a whole machine, from its first `up` to `down --purge`. See README.md.
 * A check is a bash script that ends well or does not; what it printed is shown when it does not.
 */
const here = import.meta.dirname
const directory = resolve(process.argv[2] ?? '')
const minutes = (count: number): number => count * 60_000

async function main(): Promise<number> {
  if (!process.argv[2]) throw new Error('Name a directory for the images, on a disk with 3 GB')
  const lacking = await missing(['qemu-system-x86_64', 'debootstrap', 'mke2fs'])
  if (lacking.length) {
    say(`skipped: needs ${lacking.join(', ')}`)
    return 0
  }
  const kubectl = process.argv[3] ?? (await createExec().run('sh', ['-c', 'command -v kubectl'])).stdout.trim()
  await step('Building the images', () => createExec().run(join(here, 'build.sh'), [directory, resolve(kubectl)], { timeoutMs: minutes(20) }))
  const vm = await step('Booting', () => bootVm({ directory }))
  try {
    return await checkAll(vm)
  } finally {
    await vm.close()
  }
}

async function checkAll(vm: Vm): Promise<number> {
  const tools = readFileSync(join(here, 'tools.sh'), 'utf8')
  let failed = 0
  const check = async (name: string, script: string): Promise<void> => {
    const start = clock.now()
    const { code, output } = await vm.run(`${tools}\n${script}`, minutes(9))
    const seconds = ((clock.now() - start) / 1000).toFixed(0).padStart(4)
    say(`${code === 0 ? '✓' : '✗'} ${seconds} s  ${name}`)
    if (code !== 0) failed++
    if (code !== 0 || process.env.K8TS_VM_VERBOSE) say(output.replace(/^/gm, '          '))
  }
  await check('a machine of today: cgroup v2, nothing loaded that is not needed yet', 'test -e /sys/fs/cgroup/cgroup.controllers; ! lsmod | grep -q br_netfilter; state >/root/before')
  await check('up makes a Ready node', './k8ts up; kubectl get nodes -o wide; kubectl get nodes | grep -q " Ready"; ./k8ts status')
  await check('units are right in the eyes of systemd, enabled and running', 'test -z "$(systemd-analyze verify /etc/systemd/system/k8ts-*.service 2>&1 | grep k8ts)"; systemctl is-enabled k8ts-server k8ts-agent k8ts-containerd; systemctl is-active k8ts-server k8ts-agent k8ts-containerd')
  await check('up again changes nothing', 'units >/root/units1; ./k8ts up --offline; units >/root/units2; diff /root/units1 /root/units2')
  await check('demo goes round', './k8ts demo | tee /root/demo; round "$(grep ^Hello /root/demo)"')
  await check('limits are groups of the kernel, all the way down', limits)
  await check('exec, logs, exit codes and probes', words)
  for (const part of ['server', 'agent', 'containerd']) await check(`${part} killed: systemd starts it again, containers do not notice`, `killed ${part}`)
  await vm.reboot()
  await check('after a reboot everything comes back', 'back')
  await vm.reboot('echo b >/proc/sysrq-trigger')
  await check('after a power cut everything comes back', 'back')
  await check('down takes everything away but state', './k8ts down; state >/root/after; diff /root/before /root/after; ! pgrep -f containerd-shim')
  await check('up brings the same cluster back', './k8ts up --offline; back')
  await check('down --purge leaves nothing', './k8ts down --purge; state >/root/after; diff /root/before /root/after; for path in /var/lib/k8ts /var/log/k8ts /run/k8ts /var/log/pods /var/log/containers; do ! test -e $path; done')
  say(failed ? `${failed} failed` : 'all is well')
  return failed ? 1 : 0
}

const limits = `
  kubectl apply -f test/vm/limits.yaml
  kubectl wait --for=condition=Ready pod/limited --timeout=240s
  group=/sys/fs/cgroup/kubepods/burstable/pod$(kubectl get pod limited -o jsonpath='{.metadata.uid}')
  id=$(kubectl get pod limited -o jsonpath='{.status.containerStatuses[0].containerID}'); container=$group/\${id#containerd://}
  is "$(cat $group/memory.max) $(cat $group/cpu.max)" '50331648 30000 100000'
  is "$(cat $container/memory.max) $(cat $container/cpu.max) $(cat $container/memory.oom.group)" '33554432 20000 100000 1'
  is "$(kubectl exec limited -c one -- cat /sys/fs/cgroup/memory.max)" 33554432
  systemctl daemon-reload; sleep 2
  is "$(cat $group/cpu.max)" '30000 100000'
  eventually 60 sh -c 'kubectl get pod greedy -o jsonpath="{.status.containerStatuses[0].state.terminated}" | grep OOMKilled'
  is "$(kubectl get pod greedy -o jsonpath='{.status.containerStatuses[0].state.terminated.exitCode}')" 137`

const words = `
  is "$(echo foo | kubectl exec -i limited -c two -- cat)" foo
  kubectl exec limited -c two -- sh -c 'exit 3' || is $? 3
  is "$(kubectl logs limited -c one)" started
  is "$(kubectl get pod limited -o jsonpath='{.status.containerStatuses[*].restartCount}')" '0 0'`

async function missing(commands: readonly string[]): Promise<string[]> {
  const codes = await Promise.all(commands.map((name) => createExec().run('sh', ['-c', `command -v ${name}`], { okCodes: [0, 1, 127] })))
  return commands.filter((_, index) => codes[index]?.code !== 0)
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = clock.now()
  const done = await work()
  say(`✓ ${((clock.now() - start) / 1000).toFixed(0).padStart(4)} s  ${name}`)
  return done
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

process.exitCode = await main()
