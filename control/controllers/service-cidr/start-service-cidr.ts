import { startController } from '../../../api/client/controller.ts'
import { isNotFound } from '../../../api/errors.ts'
import { ipAddresses } from '../../../api/kinds/networking-v1/ip-address.ts'
import { serviceCIDRs as cidrKind } from '../../../api/kinds/networking-v1/service-cidr.ts'
import type { Condition } from '../../../api/types/meta-v1/meta.ts'
import type { ServiceCIDR } from '../../../api/types/networking-v1/ip-address.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { unless } from '../shared/unless.ts'
import { mayGo } from './may-go.ts'

const finalizer = 'networking.k8s.io/service-cidr-finalizer'
/** API servers that have not heard yet that a range is to go may still give out addresses of it so long. */
const grace = 10_000

/** Says of each ServiceCIDR that it is ready, and keeps those that are to go until no address in use would be left without a range. */
export function startServiceCIDR(deps: ControllerDeps): RunningController {
  const { client, clock, log, signal, metrics } = deps
  const cidrs = deps.informers.of(cidrKind)
  const wakeTerminating = () => { for (const { metadata } of cidrs.list()) if (metadata.deletionTimestamp) controller.enqueue(metadata.name!) }
  const stopObserving = [cidrs.on({ add: wakeTerminating, delete: wakeTerminating })]
  let addresses: ReturnType<typeof watchAddresses> | undefined

  /** Only while something is to go: a cluster has as many addresses as Services. */
  function watchAddresses() {
    const informer = deps.informers.of(ipAddresses)
    stopObserving.push(informer.on({ add: wakeTerminating, delete: wakeTerminating }))
    return informer
  }

  const setReady = async (object: ServiceCIDR, ready: Condition): Promise<void> => {
    const conditions = object.status?.conditions ?? []
    if (conditions.find(({ type }) => type === 'Ready')?.status === ready.status) return
    await client.updateStatus(cidrKind, { ...object, status: { ...object.status, conditions: [...conditions.filter(({ type }) => type !== 'Ready'), ready] } }).catch(unless(isNotFound))
  }
  const readyCondition = (status: 'True' | 'False', reason: string, message: string): Condition => ({ type: 'Ready', status, reason, message, lastTransitionTime: rfc3339(clock.now()) })
  const setFinalizers = (object: ServiceCIDR, finalizers: readonly string[]) =>
    client.update(cidrKind, { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } }).catch(unless(isNotFound))

  async function terminate(object: ServiceCIDR): Promise<{ after: number } | undefined> {
    const finalizers = object.metadata.finalizers ?? []
    if (!finalizers.includes(finalizer)) return undefined
    addresses ??= watchAddresses()
    await addresses.synced
    if (!mayGo(object, cidrs.list(), addresses.list())) {
      await setReady(object, readyCondition('False', 'Terminating', 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'))
      return undefined
    }
    const left = Date.parse(object.metadata.deletionTimestamp!) + grace - clock.now()
    if (left > 0) return { after: left }
    await setFinalizers(object, finalizers.filter((each) => each !== finalizer))
    return undefined
  }

  const controller = startController({
    name: 'service-cidr-controller', client, clock, log, signal, metrics, for: cidrs,
    async reconcile(name) {
      const object = cidrs.get(name)
      if (!object) return undefined
      if (object.metadata.deletionTimestamp) return terminate(object)
      const finalizers = object.metadata.finalizers ?? []
      // What follows the write comes back with a newer object.
      if (!finalizers.includes(finalizer)) await setFinalizers(object, [...finalizers, finalizer])
      else await setReady(object, readyCondition('True', '', 'Kubernetes Service CIDR is ready'))
      return undefined
    },
  })
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}
