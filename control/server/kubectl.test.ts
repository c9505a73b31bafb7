import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import { kubeconfig } from '../pki/kubeconfig.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/* The stock kubectl, the oldest and the newest there is, against the server alone: no controllers, no agents. */

const exec = createExec()
let server: TlsTestServer
let home: string

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-kubectl-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
  await writeFile(join(home, 'web.yaml'), manifest)
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 80}]}
`

const found = kubectls()

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary, version }) => {
  const room = `room-${version}`
  const run = async (line: string, okCodes = [0], input?: string) => {
    const { stdout, stderr } = await exec.run(binary, ['-n', room, ...line.split(' ')], { env: { KUBECONFIG: join(home, 'config'), HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return okCodes.includes(0) ? stdout.trim() : stderr.trim()
  }
  const refused = (line: string, input?: string) => run(line, [1], input)

  test('creates, in whatever encoding it likes', async () => {
    expect(await run(`create ns ${room}`)).toBe(`namespace/${room} created`)
    expect(await run('create configmap c --from-literal=a=b')).toBe('configmap/c created')
    expect(await run('create secret generic s --from-literal=p=q')).toBe('secret/s created')
    expect(await run('create deployment empty --image=x:1')).toBe('deployment.apps/empty created')
    expect(await run('create serviceaccount bob')).toBe('serviceaccount/bob created')
    expect(await run('create service nodeport np --tcp=80:8080')).toBe('service/np created')
    expect(await run('run lone --image=x:1')).toBe('pod/lone created')
    expect(await run('get configmap c -o jsonpath={.data.a}')).toBe('b')
    expect(await run('get secret s -o jsonpath={.data.p}')).toBe('cQ==')
    expect(await run('get service np -o jsonpath={.spec.ports[0].targetPort}')).toBe('8080')
  })

  test('applies, and applies again', async () => {
    const file = join(home, 'web.yaml')
    expect(await run(`apply -f ${file}`)).toBe('deployment.apps/web created\nservice/web created')
    expect(await run(`apply -f ${file}`)).toBe('deployment.apps/web unchanged\nservice/web unchanged')
    expect(await run('apply -f -', [0], manifest.replace('replicas: 2', 'replicas: 3'))).toBe('deployment.apps/web configured\nservice/web unchanged')
    expect(await run('get deployment web -o jsonpath={.spec.replicas}')).toBe('3')
  })

  test('gets, in every form', async () => {
    expect((await run('get deployments')).split('\n')[0]).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$/)
    expect((await run('get deployment web -o wide')).split('\n')[0]).toMatch(/AGE +CONTAINERS +IMAGES +SELECTOR$/)
    expect(await run('get service web')).toMatch(/web +NodePort +10\.96\.\d+\.\d+ +<none> +80:3\d+\/TCP/)
    expect(await run('get deployment,service -o name')).toBe('deployment.apps/empty\ndeployment.apps/web\nservice/np\nservice/web')
    expect(await run('get deployment -l app=web -o name')).toBe('deployment.apps/web')
    expect(await run('get pods --field-selector metadata.name=lone -o name')).toBe('pod/lone')
    expect(await run('get deployment web -o yaml')).toMatch(/^apiVersion: apps\/v1\n/)
    expect(JSON.parse(await run('get service web -o json'))).toMatchObject({ kind: 'Service', spec: { type: 'NodePort' } })
    expect(await run('get namespaces -A')).toContain('kube-system')
    expect(await run('describe service web')).toMatch(/NodePort: +<unset> +3\d+\/TCP/)
    expect(await run('describe deployment web')).toMatch(/Replicas: +3 desired/)
    expect(await run('describe pod lone')).toMatch(/Tolerations: +node.kubernetes.io\/not-ready:NoExecute op=Exists for 300s/)
    expect(await run('get events')).toBe('')
  })

  test('changes', async () => {
    expect(await run('label configmap c x=y')).toBe('configmap/c labeled')
    expect(await run('annotate configmap c note=hello')).toBe('configmap/c annotated')
    expect(await run('patch configmap c -p {"data":{"c":"d"}}')).toBe('configmap/c patched')
    expect(await run('patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":1}]')).toBe('deployment.apps/web patched')
    expect(await run('scale deployment web --replicas=4')).toBe('deployment.apps/web scaled')
    expect(await run('set image deployment/web web=web:2')).toBe('deployment.apps/web image updated')
    expect(await run('rollout restart deployment/web')).toBe('deployment.apps/web restarted')
    expect(await run('expose deployment empty --port=80')).toBe('service/empty exposed')
    expect(await run('replace -f -', [0], `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"${room}"},"data":{"only":"this"}}`)).toBe('configmap/c replaced')
    expect(await run('get deployment web -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}')).toBe('4/web:2')
    expect(await run('rollout history deployment/web')).toContain('deployment.apps/web')
    expect(await run('create configmap dry --from-literal=a=b --dry-run=server -o name')).toBe('configmap/dry')
  })

  test('watches', async () => {
    const watching = await exec.spawn(binary, ['-n', room, 'get', 'configmaps', '-w', '--field-selector', 'metadata.name=watched'], { env: { KUBECONFIG: join(home, 'config'), HOME: home } })
    let seen = ''
    watching.stdout!.on('data', (part) => { seen += part })
    const marks = async () => { await run('annotate configmap watched round=1 --overwrite'); return seen.split('\n').filter((line) => line.startsWith('watched')).length }
    try {
      await run('create configmap watched --from-literal=a=b')
      await expect.poll(marks, { timeout: 20_000 }).toBeGreaterThanOrEqual(1)
      await run('delete configmap watched')
      await expect.poll(() => seen, { timeout: 20_000 }).toMatch(/NAME +DATA +AGE\nwatched +1 /)
    } finally {
      watching.kill()
      await watching.exited
    }
  })

  test('explains and finds its way', async () => {
    expect(await run('explain deployment.spec.replicas')).toMatch(/KIND: +Deployment[^]*replicas <integer>/)
    expect(await run('api-resources -o name')).toMatch(/deployments\.apps\n[^]*leases\.coordination\.k8s\.io/)
    expect(await run('api-versions')).toContain('discovery.k8s.io/v1')
    expect(await run('version')).toContain('v1.36.0+k8ts')
    expect(await run('cluster-info')).toContain('is running at')
    expect(await run('get --raw /readyz')).toBe('ok')
  })

  test('is refused in the words it knows', async () => {
    expect(await refused('get configmap nope')).toBe('Error from server (NotFound): configmaps "nope" not found')
    expect(await refused('create configmap c')).toMatch(/already exists$/)
    expect(await refused('get nonsense')).toMatch(/the server doesn't have a resource type "nonsense"$/)
    expect(await refused('apply -f -', manifest.replace('replicas: 2', 'replicaz: 2'))).toMatch(/unknown field "(spec\.)?replicaz"/)
    expect(await refused('apply -f -', manifest.replace('port: 80,', 'port: 800000,'))).toMatch(/spec\.ports\[0\]\.port: Invalid value: 800000: must be between 1 and 65535, inclusive/)
    expect(await refused('create ns Not_A_Name')).toMatch(/metadata.name: Invalid value: "Not_A_Name"/)
    expect(await refused('apply -f -', '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}')).toMatch(/no matches for kind "Widget" in version "example.com\/v1"/)
  })

  test('deletes', async () => {
    expect(await run('delete pod lone')).toMatch(/pod "lone" deleted/)
    expect(await run(`delete -f ${join(home, 'web.yaml')}`)).toMatch(/deployment.apps "web" deleted[^]*service "web" deleted/)
    expect(await run('delete configmap --all')).toMatch(/"c" deleted/)
    expect(await run('get deployments,configmaps -o name')).toBe('deployment.apps/empty')
    expect(await run(`delete ns ${room} --wait=false`)).toMatch(/deleted/)
    expect(await refused('create configmap late')).toMatch(/because it is being terminated$/)
  })
})
