/** RFC 3339 with seconds, the form of `metav1.Time`. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
