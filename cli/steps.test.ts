import { expect, test } from 'vitest'
import { createManualClock } from '../host/manual-clock.ts'
import { createSteps } from './steps.ts'

function setUp(isTTY: boolean) {
  const clock = createManualClock()
  let text = ''
  const steps = createSteps({ clock, out: { isTTY, columns: 60, write: (chunk: string | Uint8Array) => { text += String(chunk); return true } } })
  return { clock, steps, text: () => text }
}

test('a file gets one line for what was done and for what was said, with the time', async () => {
  const { clock, steps, text } = setUp(false)
  await steps.step('Programs', async (say) => { say('apt-get update'); await clock.advance('1500ms'); return 'all there' })
  await expect(steps.step('Kernel', async () => { throw new Error('none') })).rejects.toThrow('none')
  steps.note('Up after {elapsed}')
  expect(text()).toBe('  …         Programs: apt-get update\n  ✓   1.50s Programs: all there\n  ✗   0.00s Kernel\nUp after 1.5 s\n')
})

test('a terminal sees all steps that run side by side in one line that never wraps', async () => {
  const { steps, text } = setUp(true)
  await steps.step('Container runtime', () => steps.step('Control plane', async (say) => say('x'.repeat(100))))
  const shown = text().split(/\r\x1b\[K/)
  expect(shown).toContain('  …         Container runtime · Control plane')
  expect(shown.flatMap((line) => line.split('\n')).every((line) => line.length < 60)).toBe(true)
  expect(shown.at(-1)).toBe('  ✓   0.00s Container runtime\n')
})
