import { expect, test } from 'vitest'
import { aService, aSlice } from './testing/objects.ts'
import { Tracker } from './tracker.ts'

const node = { name: 'n1', clusterCIDRs: [] }

test('a route that stays equal stays the same object', () => {
  const tracker = new Tracker(node)
  tracker.setService(aService())
  tracker.setService(aService({ clusterIP: '10.96.0.11' }, 'api'))
  tracker.setSlice(aSlice(['10.244.0.2']))
  const before = tracker.table()
  expect(tracker.changed).toBe(false)
  tracker.setSlice(aSlice(['10.244.0.9'], { service: 'api', name: 'api-1' }))
  tracker.setService(aService())
  const after = tracker.table()
  expect(after.routes.map((route) => route.id)).toEqual(['default/api:http/tcp', 'default/web:http/tcp'])
  expect(after.routes[1]).toBe(before.routes[1])
  expect(after.routes[0]).not.toBe(before.routes[0])
})

test('slices and Services may come and go in any order', () => {
  const tracker = new Tracker(node)
  tracker.setSlice(aSlice(['10.244.0.2']))
  expect(tracker.table().routes).toEqual([])
  tracker.setService(aService())
  expect(tracker.table().routes[0]?.internal).toHaveLength(1)
  tracker.setSlice(aSlice(['10.244.0.2'], { service: 'other' }), aSlice(['10.244.0.2']))
  expect(tracker.table().routes[0]?.internal).toEqual([])
  tracker.deleteService(aService())
  expect(tracker.table().routes).toEqual([])
})
