import { expect, test } from 'vitest'
import { changesBetween, type Route } from './table.ts'
import { createRandomCluster, seed } from './testing/random.ts'
import { aService, aSlice } from './testing/objects.ts'
import { Tracker } from './tracker.ts'

const node = { name: 'n1', clusterCIDRs: [] }

test('a route that stays equal stays the same object', () => {
  const tracker = new Tracker(node)
  tracker.setService(aService())
  tracker.setService(aService({ clusterIP: '10.96.0.11' }, 'api'))
  tracker.setSlice(aSlice(['10.244.0.2']))
  const before = tracker.update().table
  expect(tracker.changed).toBe(false)
  tracker.setSlice(aSlice(['10.244.0.9'], { service: 'api', name: 'api-1' }))
  tracker.setService(aService())
  const after = tracker.update().table
  expect(after.routes.map((route) => route.id)).toEqual(['default/api:http/tcp', 'default/web:http/tcp'])
  expect(after.routes[1]).toBe(before.routes[1])
  expect(after.routes[0]).not.toBe(before.routes[0])
})

test('slices and Services may come and go in any order', () => {
  const tracker = new Tracker(node)
  tracker.setSlice(aSlice(['10.244.0.2']))
  expect(tracker.update().table.routes).toEqual([])
  tracker.setService(aService())
  expect(tracker.update().table.routes[0]?.internal).toHaveLength(1)
  tracker.setSlice(aSlice(['10.244.0.2'], { service: 'other' }), aSlice(['10.244.0.2']))
  expect(tracker.update().table.routes[0]?.internal).toEqual([])
  tracker.deleteService(aService())
  expect(tracker.update().table.routes).toEqual([])
})

test(`whatever changes, the table is that of a tracker which begins anew, and the changes lead there (seed ${seed})`, () => {
  const cluster = createRandomCluster(seed)
  let before = cluster.tracker.update().table
  const held = new Map<string, Route>()
  let changed = 0
  for (let step = 0; step < 400; step++) {
    cluster.act()
    const { table, changes } = cluster.tracker.update()
    expect(table).toEqual(cluster.anew().update().table)
    expect(changes).toEqual(changesBetween(before, table))
    for (const route of changes.gone) {
      expect(held.get(route.id), `step ${step}`).toBe(route)
      held.delete(route.id)
    }
    for (const route of changes.come) held.set(route.id, route)
    expect([...held.keys()].sort()).toEqual(table.routes.map(({ id }) => id))
    for (const route of table.routes) if (held.get(route.id) !== route) throw new Error(`step ${step}: ${route.id} is another object than the one that came`)
    changed += changes.come.length
    before = table
  }
  expect(changed).toBeGreaterThan(400)
  expect(cluster.tracker.update().changes).toEqual({ gone: [], come: [] })
})
