import { expect, test } from 'vitest'
import { rewriteLocation } from './proxied-location.ts'

const prefix = '/api/v1/namespaces/default/services/web/proxy'
const proxied = { prefix, hosts: ['10.244.0.7:8080', 'localhost:8001'] }

test.each([
  ['/login', `${prefix}/login`],
  ['/login/', `${prefix}/login/`],
  ['/', `${prefix}/`],
  ['/a/../b?next=/c#d', `${prefix}/b?next=/c#d`],
  ['login', 'login'],
  ['?page=2', '?page=2'],
  ['https://example.com/login', 'https://example.com/login'],
  ['//example.com/login', '//example.com/login'],
  ['http://10.244.0.7:8080/login', `${prefix}/login`],
  ['http://localhost:8001/login', `http://localhost:8001${prefix}/login`],
  [`${prefix}/there`, `${prefix}/there`],
  [`http://localhost:8001${prefix}/there`, `http://localhost:8001${prefix}/there`],
  ['mailto:somebody', 'mailto:somebody'],
  ['', ''],
])('%s is read as %s', (location, expected) => expect(rewriteLocation(location, proxied)).toBe(expected))
