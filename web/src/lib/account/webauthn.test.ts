import { expect, it } from 'vitest';
import {
  authenticationJson,
  creationOptions,
  fromBase64Url,
  registrationJson,
  requestOptions,
  toBase64Url,
} from './webauthn';

const bytes = (...values: number[]) => Uint8Array.from(values);

it('writes the alphabet of URLs without padding', () => {
  expect(toBase64Url(bytes())).toBe('');
  expect(toBase64Url(bytes(0xfb, 0xff))).toBe('-_8');
  expect(toBase64Url(bytes(0xfb, 0xff).buffer)).toBe('-_8');
});

it('gives back what it wrote, of every length', () => {
  for (let length = 0; length < 70; length += 1) {
    const some = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);
    expect(fromBase64Url(toBase64Url(some))).toEqual(some);
  }
});

it('reads padding and the plain alphabet too, and nothing else', () => {
  expect(fromBase64Url('+/8=')).toEqual(bytes(0xfb, 0xff));
  expect(() => fromBase64Url('not base64!')).toThrow();
});

it('turns the texts of the server into bytes', () => {
  const made = creationOptions({
    challenge: 'AQI',
    rp: { name: 'Trunkline', id: 'localhost' },
    user: { id: 'Aw', name: 'mia', displayName: 'Mia' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [{ id: 'BA', type: 'public-key', transports: ['usb'] }],
  });
  expect(made.challenge).toEqual(bytes(1, 2));
  expect(made.user.id).toEqual(bytes(3));
  expect(made.excludeCredentials).toEqual([{ id: bytes(4), type: 'public-key', transports: ['usb'] }]);
  const asked = requestOptions({ challenge: 'AQI', rpId: 'localhost' });
  expect(asked.challenge).toEqual(bytes(1, 2));
  expect(asked.allowCredentials).toBeUndefined();
});

it('turns a credential into texts', () => {
  const common = {
    id: 'AQ',
    rawId: bytes(1).buffer,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    getClientExtensionResults: () => ({ credProps: { rk: true } }),
  };
  const made = registrationJson({
    ...common,
    response: {
      clientDataJSON: bytes(2).buffer,
      attestationObject: bytes(3).buffer,
      getTransports: () => ['internal'],
    },
  } as unknown as PublicKeyCredential);
  expect(made).toMatchObject({
    rawId: 'AQ',
    response: { clientDataJSON: 'Ag', attestationObject: 'Aw', transports: ['internal'] },
    clientExtensionResults: { credProps: { rk: true } },
  });
  const signed = authenticationJson({
    ...common,
    response: {
      clientDataJSON: bytes(2).buffer,
      authenticatorData: bytes(3).buffer,
      signature: bytes(4).buffer,
      userHandle: null,
    },
  } as unknown as PublicKeyCredential);
  expect(signed.response).toEqual({
    clientDataJSON: 'Ag',
    authenticatorData: 'Aw',
    signature: 'BA',
    userHandle: null,
  });
});
