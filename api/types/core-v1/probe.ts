import type { Infer } from '../../schema/schema.ts'
import { int32, int64, intOrString, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { URIScheme } from './common.ts'

export const ContainerRestartRuleAction = text('Restart', 'RestartAllContainers')

export const ExecAction = struct('core/v1.ExecAction', {
  command: opt(1, list(string), { listType: 'atomic' }),
})
export interface ExecAction extends Infer<typeof ExecAction> {}

export const GRPCAction = struct('core/v1.GRPCAction', {
  port: req(1, int32),
  service: opt(2, string, { default: '', pointer: true }),
})
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const HTTPHeader = struct('core/v1.HTTPHeader', {
  name: req(1, string),
  value: req(2, string),
})
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = struct('core/v1.HTTPGetAction', {
  path: opt(1, string),
  port: req(2, intOrString),
  host: opt(3, string),
  scheme: opt(4, URIScheme),
  httpHeaders: opt(5, list(HTTPHeader), { listType: 'atomic' }),
})
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const SleepAction = struct('core/v1.SleepAction', {
  seconds: req(1, int64),
})
export interface SleepAction extends Infer<typeof SleepAction> {}

export const TCPSocketAction = struct('core/v1.TCPSocketAction', {
  port: req(1, intOrString),
  host: opt(2, string),
})
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const LifecycleHandler = struct('core/v1.LifecycleHandler', {
  exec: opt(1, ExecAction),
  httpGet: opt(2, HTTPGetAction),
  tcpSocket: opt(3, TCPSocketAction, { deprecated: true }),
  sleep: opt(4, SleepAction),
})
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Signal = text('SIGABRT', 'SIGALRM', 'SIGBUS', 'SIGCHLD', 'SIGCLD', 'SIGCONT', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT', 'SIGIO', 'SIGIOT', 'SIGKILL', 'SIGPIPE', 'SIGPOLL', 'SIGPROF', 'SIGPWR', 'SIGQUIT', 'SIGRTMAX', 'SIGRTMAX-1', 'SIGRTMAX-10', 'SIGRTMAX-11', 'SIGRTMAX-12', 'SIGRTMAX-13', 'SIGRTMAX-14', 'SIGRTMAX-2', 'SIGRTMAX-3', 'SIGRTMAX-4', 'SIGRTMAX-5', 'SIGRTMAX-6', 'SIGRTMAX-7', 'SIGRTMAX-8', 'SIGRTMAX-9', 'SIGRTMIN', 'SIGRTMIN+1', 'SIGRTMIN+10', 'SIGRTMIN+11', 'SIGRTMIN+12', 'SIGRTMIN+13', 'SIGRTMIN+14', 'SIGRTMIN+15', 'SIGRTMIN+2', 'SIGRTMIN+3', 'SIGRTMIN+4', 'SIGRTMIN+5', 'SIGRTMIN+6', 'SIGRTMIN+7', 'SIGRTMIN+8', 'SIGRTMIN+9', 'SIGSEGV', 'SIGSTKFLT', 'SIGSTOP', 'SIGSYS', 'SIGTERM', 'SIGTRAP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGWINCH', 'SIGXCPU', 'SIGXFSZ')

export const Lifecycle = struct('core/v1.Lifecycle', {
  postStart: opt(1, LifecycleHandler),
  preStop: opt(2, LifecycleHandler),
  stopSignal: opt(3, Signal, { pointer: true }),
})
export interface Lifecycle extends Infer<typeof Lifecycle> {}

export const ProbeHandler = struct('core/v1.ProbeHandler', {
  exec: opt(1, ExecAction),
  httpGet: opt(2, HTTPGetAction),
  tcpSocket: opt(3, TCPSocketAction),
  grpc: opt(4, GRPCAction),
})
export interface ProbeHandler extends Infer<typeof ProbeHandler> {}

export const Probe = struct('core/v1.Probe', {
  ...ProbeHandler.fields,
  initialDelaySeconds: opt(2, int32),
  timeoutSeconds: opt(3, int32),
  periodSeconds: opt(4, int32),
  successThreshold: opt(5, int32),
  failureThreshold: opt(6, int32),
  terminationGracePeriodSeconds: opt(7, int64, { pointer: true }),
}, { inline: [ProbeHandler] })
export interface Probe extends Infer<typeof Probe> {}
