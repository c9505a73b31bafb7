import { busyboxImage } from './images.ts'

/** A pod of one container that sleeps until it is told to end. */
export const pod = (name: string, spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: busyboxImage, command: ['sleep', '100000'], ...container }], ...spec },
})

/** Answers every HTTP request with the pod's name; readiness is whether /tmp/ready exists. */
export const webContainer = {
  name: 'web', image: busyboxImage,
  command: ['sh', '-c', 'mkdir -p /www; hostname >/www/index.html; touch /tmp/ready; trap "exit 0" TERM; httpd -f -p 8080 -h /www & udp-echo 8053 & wait'],
  ports: [{ name: 'http', containerPort: 8080 }, { name: 'udp', containerPort: 8053, protocol: 'UDP' }],
  readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 },
}

export const deployment = (name: string, replicas: number, container: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    replicas, selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ ...webContainer, ...container }] } },
    ...spec,
  },
})

export const service = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
})
