import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { forbidden } from '../errors.ts'
import { events } from '../kinds/core-v1/event.ts'
import type { Client } from './client.ts'
import { createClient } from './create-client.ts'
import { createRecorder, eventName } from './recorder.ts'
import type { Recorder } from './recorder.ts'
import { createScriptedTransport } from './scripted-transport.ts'
import type { ScriptedTransport } from './scripted-transport.ts'
import { TransportError } from './transport-error.ts'

let clock: ManualClock, server: ScriptedTransport, client: Client, recorder: Recorder
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'team', name, uid: `uid-${name}`, resourceVersion: '7' } })
const written = async () => (await client.list(events)).items

beforeEach(() => {
  clock = createManualClock({ start: '2030-01-01T00:00:00Z' })
  server = createScriptedTransport()
  client = createClient(server.transport)
  recorder = createRecorder({ client, clock, component: 'kubelet', host: 'n1', log: pino({ level: 'silent' }) })
})

describe('the recorder', () => {
  test('writes an event in the form of client-go', async () => {
    recorder.event(pod('web-0'), 'Normal', 'Pulled', 'Image is there')
    await recorder.flush()
    const [event] = await written()
    expect(event).toMatchObject({
      metadata: { namespace: 'team', name: expect.stringMatching(/^web-0\.[0-9a-f]{16}$/) },
      involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'team', name: 'web-0', uid: 'uid-web-0', resourceVersion: '7' },
      type: 'Normal', reason: 'Pulled', message: 'Image is there', count: 1, firstTimestamp: '2030-01-01T00:00:00Z', lastTimestamp: '2030-01-01T00:00:00Z',
      source: { component: 'kubelet', host: 'n1' }, reportingComponent: 'kubelet', reportingInstance: 'n1',
    })
  })

  test('events of cluster-scoped objects go to default', async () => {
    recorder.event({ kind: 'Node', name: 'n1', uid: 'n1' }, 'Normal', 'Starting', 'Starting kubelet.')
    await recorder.flush()
    expect((await written())[0]?.metadata.namespace).toBe('default')
  })

  test('a repeat raises the count of the first', async () => {
    for (let i = 0; i < 3; i++) {
      recorder.event(pod('web-0'), 'Warning', 'BackOff', 'Back-off restarting')
      await clock.advance('1m')
    }
    await recorder.flush()
    expect((await written()).map(({ count, firstTimestamp, lastTimestamp }) => [count, firstTimestamp, lastTimestamp])).toEqual([[3, '2030-01-01T00:00:00Z', '2030-01-01T00:02:00Z']])
  })

  test('a repeat of an event that has expired is written anew', async () => {
    recorder.event(pod('web-0'), 'Normal', 'Pulled', 'again')
    await recorder.flush()
    const [first] = await written()
    await client.delete(events, { namespace: 'team', name: first!.metadata.name! })
    recorder.event(pod('web-0'), 'Normal', 'Pulled', 'again')
    await recorder.flush()
    expect((await written()).map((event) => [event.metadata.name, event.count])).toEqual([[first!.metadata.name, 2]])
  })

  test('many different messages of one reason are combined', async () => {
    for (let i = 0; i < 14; i++) recorder.event(pod('web-0'), 'Warning', 'Unhealthy', `Probe ${i} failed`)
    await recorder.flush()
    const all = await written()
    expect(all).toHaveLength(10)
    expect(all.at(-1)).toMatchObject({ message: '(combined from similar events): Probe 13 failed', count: 5 })
  })

  test('an object that floods is cut off after 25 and heard again later', async () => {
    const flood = async () => {
      for (let i = 0; i < 40; i++) recorder.event(pod('web-0'), 'Normal', `Reason${i}`, 'm')
      await recorder.flush()
    }
    await flood()
    expect(await written()).toHaveLength(25)
    recorder.event(pod('web-1'), 'Normal', 'Reason', 'another object')
    await clock.advance('5m')
    recorder.event(pod('web-0'), 'Normal', 'Later', 'm')
    recorder.event(pod('web-0'), 'Normal', 'Later still', 'm')
    await recorder.flush()
    expect((await written()).map((event) => event.reason).slice(25)).toEqual(['Reason', 'Later'])
  })

  test('waits for a server that is away, gives way to one that says no, and never throws', async () => {
    server.fail(new TransportError('refused', 'away', true), 3)
    recorder.event(pod('web-0'), 'Normal', 'Kept', 'm')
    await clock.advance('1m')
    await recorder.flush()
    server.fail(forbidden({ group: '', resource: 'events' }, '', 'the namespace is being terminated'))
    recorder.event(pod('web-0'), 'Normal', 'Dropped', 'm')
    recorder.event(undefined as never, 'Normal', 'Broken', 'm')
    await recorder.flush()
    expect((await written()).map((event) => event.reason)).toEqual(['Kept'])
  })
})

test('event names fit into a name', () => {
  expect(eventName('a'.repeat(253), 1, 0.5)).toHaveLength(253)
  expect(eventName('web', Date.UTC(2030, 0, 1), 0)).toBe(`web.${(BigInt(Date.UTC(2030, 0, 1)) * 1_000_000n).toString(16)}`)
})
