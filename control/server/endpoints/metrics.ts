import type { Registry } from 'prom-client'
import { textResponse } from '../respond.ts'
import type { Endpoint } from './endpoints.ts'

/** `/metrics` in Prometheus' text form. */
export const metrics = (registry: Registry): Endpoint => async () => textResponse(200, await registry.metrics(), registry.contentType)
