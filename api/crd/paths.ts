/*
 * Field paths of errors, as text: `spec.versions[0].schema`, `spec.validation.openAPIV3Schema.properties[spec].type`.
 */

/** `path.name`; just the name at the root. */
export const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
/** `path[key]`: an entry of a map, or an item of a list. */
export const at = (path: string, key: string | number): string => `${path}[${key}]`
