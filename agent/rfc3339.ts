/** RFC 3339 with seconds, the form of `metav1.Time`. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')

/** RFC 3339 with microseconds, the form of `metav1.MicroTime`. */
export const rfc3339Micro = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, '000Z')
