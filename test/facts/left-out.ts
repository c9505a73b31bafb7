/*
 * What of the facts is not declared, and why. A group and version stands for all its types; what is declared may not be named here.
 */

const alpha = 'alpha: off by default'
const beta = 'a beta that is off by default'
const superseded = 'a beta of a group that has its stable version, off by default since'

export const leftOutVersions: Readonly<Record<string, string>> = {
  'admissionregistration/v1alpha1': alpha,
  'apidiscovery/v2': 'JSON of its own, made in api/discovery',
  'apidiscovery/v2beta1': 'JSON of its own, made in api/discovery',
  'apiserverinternal/v1alpha1': alpha,
  'authentication/v1alpha1': alpha,
  'certificates/v1alpha1': alpha,
  'coordination/v1alpha2': alpha,
  'flowcontrol/v1beta1': superseded,
  'flowcontrol/v1beta2': superseded,
  'flowcontrol/v1beta3': superseded,
  'imagepolicy/v1alpha1': 'asked of a webhook that the server does not have',
  'node/v1alpha1': alpha,
  'rbac/v1alpha1': alpha,
  'resource/v1alpha3': alpha,
  'resource/v1beta1': superseded,
  'resource/v1beta2': superseded,
  'scheduling/v1alpha2': alpha,
  'storage/v1alpha1': alpha,
  'storagemigration/v1beta1': beta,
}

const anyJSON = 'any JSON value: declared as `raw`'
const unserved = 'in no answer of the API'

export const leftOutTypes: Readonly<Record<string, string>> = {
  'apiextensions/v1.JSON': anyJSON,
  'apiextensions/v1.JSONSchemaPropsOrArray': anyJSON,
  'apiextensions/v1.JSONSchemaPropsOrBool': anyJSON,
  'apiextensions/v1.JSONSchemaPropsOrStringArray': anyJSON,
  'apiextensions/v1beta1.JSON': anyJSON,
  'apiextensions/v1beta1.JSONSchemaPropsOrArray': anyJSON,
  'apiextensions/v1beta1.JSONSchemaPropsOrBool': anyJSON,
  'apiextensions/v1beta1.JSONSchemaPropsOrStringArray': anyJSON,
  'core/v1.AvoidPods': 'an annotation that nobody reads any more',
  'core/v1.PodSignature': 'an annotation that nobody reads any more',
  'core/v1.PreferAvoidPodsEntry': 'an annotation that nobody reads any more',
  'core/v1.PodStatusResult': unserved,
  'core/v1.Preconditions': 'its namesake of meta/v1 is used',
  'core/v1.RangeAllocation': 'how the original stores what is allocated; ours is rebuilt at start',
  'core/v1.SerializedReference': 'an annotation that nobody reads any more',
  'meta/v1.MicroTime': 'a scalar of the vocabulary',
  'meta/v1.TypeMeta': '`apiVersion` and `kind` of every object',
}
