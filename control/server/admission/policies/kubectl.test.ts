import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from '../../../../host/exec.ts'
import { kubectls } from '../../../../test/lab/kubectls.ts'
import { kubeconfig } from '../../../pki/kubeconfig.ts'
import { startTlsServer } from '../../testing/tls-server.ts'
import type { TlsTestServer } from '../../testing/tls-server.ts'

/** Policies as a user meets them: applied, obeyed and broken with the stock kubectl; with custom resources as parameters and as objects. */
const exec = createExec()
let server: TlsTestServer
let home: string
beforeAll(async () => {
  server = await startTlsServer()
  home = await mkdtemp(join(tmpdir(), 'k8ts-policies-'))
  await writeFile(join(home, 'config'), kubeconfig({ server: server.url, ca: server.pki.ca.certificate, credentials: server.pki.admin }))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: limits.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: limits, singular: limit, kind: Limit}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          max: {type: integer}
          rules:
            type: array
            x-kubernetes-list-type: map
            x-kubernetes-list-map-keys: [name]
            items: {type: object, required: [name], properties: {name: {type: string}, value: {type: string}}}
`
const policies = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replica-limit}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: example.com/v1, kind: Limit}
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [deployments, deployments/scale]}]}
  matchConditions: [{name: not-scale, expression: "!has(request.subResource)"}]
  variables: [{name: seen, expression: "request.operation == 'DELETE' ? oldObject : object"}]
  validations:
  - {expression: "variables.seen.spec.replicas <= params.max", messageExpression: "'object.spec.replicas must be no greater than ' + string(params.max)", reason: Invalid}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replica-limit-here}
spec: {policyName: replica-limit, validationActions: [Deny], paramRef: {name: here, namespace: default, parameterNotFoundAction: Deny}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: add-rule}
spec:
  reinvocationPolicy: IfNeeded
  matchConstraints: {resourceRules: [{apiGroups: [example.com], apiVersions: ["*"], operations: [CREATE], resources: [limits]}]}
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{rules: [Object.rules{name: 'added', value: string(object.max)}]}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: add-rule}
spec: {policyName: add-rule}
`
const limit = `{apiVersion: example.com/v1, kind: Limit, metadata: {name: here}, max: 3, rules: [{name: own, value: x}]}`
const found = kubectls().slice(-1)

if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', ({ binary }) => {
  const run = async (line: string, okCodes = [0], input?: string) => {
    const { stdout, stderr } = await exec.run(binary, line.split(' '), { env: { KUBECONFIG: join(home, 'config'), HOME: home }, okCodes, timeoutMs: 60_000, ...(input !== undefined && { input }) })
    return okCodes.includes(0) ? stdout.trim() : stderr.trim()
  }

  test('policies over and with custom resources', async () => {
    await run('apply -f -', [0], definition)
    await run('wait --for=condition=Established crd/limits.example.com --timeout=20s')
    expect(await run('apply -f -', [0], policies)).toContain('validatingadmissionpolicy.admissionregistration.k8s.io/replica-limit created')
    expect(await run('create deployment web --image=i --replicas=1', [1])).toContain('no params found for policy binding with `Deny` parameterNotFoundAction')
    await run('apply -f -', [0], limit)
    expect(await run('get limits here -o jsonpath={.rules[*].name}={.rules[*].value}')).toBe('own added=x 3')
    expect(await run('create deployment web --image=i --replicas=4', [1])).toContain('deployments.apps "web" is forbidden: ValidatingAdmissionPolicy \'replica-limit\' with binding \'replica-limit-here\' denied request: object.spec.replicas must be no greater than 3')
    expect(await run('create deployment web --image=i --replicas=4 --dry-run=server', [1])).toContain('must be no greater than 3')
    expect(await run('create deployment web --image=i --replicas=3')).toBe('deployment.apps/web created')
    await run('wait validatingadmissionpolicy/replica-limit --for=jsonpath={.status.observedGeneration}=1 --timeout=20s')
    expect(await run('get validatingadmissionpolicy replica-limit -o jsonpath={.status.typeChecking}')).toBe('{}')
    await run('patch limit here --type=merge -p {"max":2}')
    expect(await run('delete deployment web', [1])).toContain('must be no greater than 2')
    expect(await run('scale deployment web --replicas=2')).toBe('deployment.apps/web scaled')
    expect(await run('delete deployment web')).toContain('deleted')
  })
})
