import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../host/exec.ts'
import { kubectls } from '../../test/lab/kubectls.ts'
import { kubeconfig } from '../pki/kubeconfig.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/* What the stock kubectl applies and prints of batch, autoscaling, networking, policy, storage, scheduling, node and the rest of core. */

const exec = createExec()
let server: TlsTestServer
let home: string

const manifest = `
{apiVersion: batch/v1, kind: Job, metadata: {name: pi}, spec: {completions: 2, template: {spec: {restartPolicy: Never, containers: [{name: pi, image: "perl:5"}]}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: "0 3 * * *", timeZone: Europe/Berlin, jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: i}]}}}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}}
---
{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: old}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5, targetCPUUtilizationPercentage: 70}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front}, spec: {ingressClassName: nginx, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: example.com/nginx}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: {podSelector: {matchLabels: {app: web}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}, provisioner: example.com/fast}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv1}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
---
{apiVersion: v1, kind: LimitRange, metadata: {name: limits}, spec: {limits: [{type: Container, max: {cpu: "2"}}]}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: quota}, spec: {hard: {pods: "10"}}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}
---
{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: runc}, handler: runc}
`

beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-kubectl-kinds-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
  await writeFile(join(home, 'all.yaml'), manifest)
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const found = kubectls()
const newest = found.at(-1)
if (!newest) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.skipIf(!newest)(`kubectl ${newest?.version ?? 'is not installed here'}`, () => {
  const kubectl = async (...args: string[]): Promise<string> => {
    const { stdout } = await exec.run(newest!.binary, args, { env: { KUBECONFIG: join(home, 'config'), HOME: home }, timeoutMs: 60_000 })
    return stdout
  }
  const rows = async (what: string): Promise<string[][]> => (await kubectl('get', what, '--no-headers')).trim().split('\n').map((line) => line.split(/ {2,}/).slice(0, -1))

  test('applies them all, and changes nothing the second time', async () => {
    await kubectl('apply', '-f', join(home, 'all.yaml'))
    const again = (await kubectl('apply', '-f', join(home, 'all.yaml'))).trim().split('\n')
    // As with the original: kubectl always has something to say of a selector that is replaced whole, and of a list of limits that defaults have filled.
    expect(again.filter((line) => !line.endsWith(' unchanged'))).toEqual(['poddisruptionbudget.policy/web configured', 'limitrange/limits configured'])
    expect(again).toHaveLength(15)
  })

  test.each<[string, string[][]]>([
    ['jobs', [['pi', 'Running', '0/2']]],
    ['cronjobs', [['nightly', '0 3 * * *', 'Europe/Berlin', 'False', '0', '<none>']]],
    ['hpa', [['old', 'Deployment/web', 'cpu: <unknown>/70%', '1', '5', '0'], ['web', 'Deployment/web', 'cpu: <unknown>/50%', '1', '5', '0']]],
    ['ingresses', [['front', 'nginx', 'a.example.com', '80']]],
    ['netpol', [['deny', 'app=web']]],
    ['pdb', [['web', '1', 'N/A', '0']]],
    ['sc', [['fast (default)', 'example.com/fast', 'Delete', 'Immediate', 'false']]],
    ['pv', [['pv1', '1Gi', 'RWO', 'Retain', 'Pending', '<unset>']]],
    ['pvc', [['data', 'Pending', 'fast', '<unset>']]],
    ['pc', [['high', '1000', 'false', expect.any(String) as unknown as string]]],
    ['runtimeclasses', [['runc', 'runc']]],
  ])('prints %s', async (what, expected) => {
    const all = await rows(what)
    for (const row of expected) expect(all).toContainEqual(row)
  })

  test('componentstatuses', async () => {
    expect((await kubectl('get', 'cs', '--no-headers')).trim().split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' '))).toEqual(['controller-manager Unhealthy', 'etcd-0 Healthy', 'scheduler Unhealthy'])
  })

  test('explains, creates and describes', async () => {
    expect(await kubectl('explain', 'ingress.spec.rules.http.paths.backend.service.port')).toContain('number')
    await kubectl('create', 'job', 'again', '--from=cronjob/nightly')
    expect(await kubectl('get', 'job', 'again', '-o', 'jsonpath={.spec.template.metadata.labels.job-name}')).toBe('again')
    expect(await kubectl('get', 'horizontalpodautoscalers.v1.autoscaling', 'web', '-o', 'jsonpath={.spec.targetCPUUtilizationPercentage}')).toBe('50')
    expect(await kubectl('describe', 'pdb', 'web')).toContain('Min available:  1')
  })
})
