import { expect, test } from 'vitest'
import { createExec } from '../../../host/exec.ts'
import { cpio } from './cpio.ts'

test('busybox unpacks what was packed', async () => {
  const archive = cpio([
    { path: 'bin', kind: 'directory' },
    { path: 'bin/a', kind: 'file', mode: 0o755, content: Buffer.from('hello') },
    { path: 'bin/b', kind: 'link', target: 'a' },
    { path: 'empty', kind: 'file', mode: 0o600, content: Buffer.alloc(0) },
  ])
  expect(archive.length % 4).toBe(0)
  const { stdout } = await createExec().run('busybox', ['cpio', '-tv'], { input: archive })
  expect(stdout.trim().split('\n').map((line) => line.replace(/\s+/g, ' ').replace(/ \d{4}-\S+ \S+/, ''))).toEqual([
    'drwxr-xr-x 0/0 0 bin', '-rwxr-xr-x 0/0 5 bin/a', 'lrwxrwxrwx 0/0 0 bin/b -> a', '-rw------- 0/0 0 empty',
  ])
})
