import { call, part } from './call';

export type CertificateStatus = 'active' | 'inactive' | 'pending' | 'revoked';

/** A certificate as the registry has it. */
export type Certificate = {
  /** The SHA-256 of its DER form. */
  id: string;
  thing: string | null;
  claim: string | null;
  /** The authority that signed it, where that is another than the platform's own. */
  issuer: string | null;
  status: CertificateStatus;
  serial: string;
  not_before: string;
  not_after: string;
  created: string;
};

/** Without a request the platform makes the private key too. */
export type NewCertificate = { request?: string; days?: number };

/** A certificate that was made; all but the first are texts in PEM. */
export type MadeCertificate = {
  certificate: Certificate;
  pem: string;
  /** What stands between it and the root. */
  chain: string;
  root: string;
  /** Shown this once, and only where the platform made it. */
  private_key?: string | null;
};

export const certificates = {
  of: async (thing: string) =>
    (await call<{ certificates: Certificate[] }>('GET', `/v1/things/${part(thing)}/certificates`))
      .certificates,
  create: (thing: string, wanted: NewCertificate) =>
    call<MadeCertificate>('POST', `/v1/things/${part(thing)}/certificates`, wanted),
  /** Its connections end where it is not active any more; what is revoked stays so. */
  setStatus: (id: string, status: CertificateStatus) =>
    call<Certificate>('PUT', `/v1/certificates/${part(id)}/status`, { status }),
};
