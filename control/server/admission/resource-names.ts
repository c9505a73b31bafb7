/** Resources Kubernetes itself means: `cpu`, `hugepages-2Mi`, `x.kubernetes.io/y`. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

/** Resources of devices, named by who makes them: `example.com/gpu`. Nobody may ask for a part of one. */
export const isExtendedResource = (name: string): boolean => !isNativeResource(name) && !name.startsWith('requests.')
