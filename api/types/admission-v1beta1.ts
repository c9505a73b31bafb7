import { struct, text } from '../schema/schema.ts'
import { AdmissionRequest as StableAdmissionRequest, AdmissionResponse as StableAdmissionResponse, AdmissionReview as StableAdmissionReview } from './admission-v1.ts'

export const Operation = text('CONNECT', 'CREATE', 'DELETE', 'UPDATE')

export const AdmissionRequest = struct('admission/v1beta1.AdmissionRequest', StableAdmissionRequest.fields)
export type AdmissionRequest = StableAdmissionRequest

export const PatchType = text('JSONPatch')

export const AdmissionResponse = struct('admission/v1beta1.AdmissionResponse', StableAdmissionResponse.fields)
export type AdmissionResponse = StableAdmissionResponse

export const AdmissionReview = struct('admission/v1beta1.AdmissionReview', StableAdmissionReview.fields)
export type AdmissionReview = StableAdmissionReview
