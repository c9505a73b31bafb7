import { expect, test } from 'vitest'
import { SyncHealth } from './sync-health.ts'

const patience = 60_000
const healthy = (health: SyncHealth, now: number) => health.at(now, patience).healthy

test('healthy until a change has waited too long; again when it is written', () => {
  const health = new SyncHealth()
  expect(health.at(0, patience)).toEqual({ healthy: true, lastUpdated: undefined })
  health.queued(1000)
  health.queued(50_000)
  expect([healthy(health, 60_999), healthy(health, 61_000)]).toEqual([true, false])
  health.begun()
  expect(healthy(health, 61_500)).toBe(false)
  health.written(62_000)
  expect(health.at(1e9, patience)).toEqual({ healthy: true, lastUpdated: 62_000 })
})

test('what came while an earlier change was written waits since then, not longer and not less', () => {
  const health = new SyncHealth()
  health.queued(0)
  health.begun()
  health.queued(50_000)
  health.written(55_000)
  expect([healthy(health, 109_999), healthy(health, 110_000)]).toEqual([true, false])
})

test('a refused transaction leaves the oldest change waiting; one that mends rules waits since it failed', () => {
  const health = new SyncHealth()
  health.queued(0)
  health.begun()
  health.queued(30_000)
  health.failed(40_000)
  expect([healthy(health, 59_999), healthy(health, 60_000)]).toEqual([true, false])
  health.begun()
  health.written(70_000)
  health.begun()
  health.failed(100_000)
  expect([healthy(health, 159_999), healthy(health, 160_000)]).toEqual([true, false])
})
