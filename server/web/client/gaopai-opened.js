/** Cameras that a page opened and set: the service gives them back when its connection ends, so both are done again. */

/** What is done again, in this order, and what undoes it, by the parameter that names the device. */
const REMEMBERED = {
  devNum: { again: ['SetCameraImageInfo', 'OpenCamera'], opens: 'OpenCamera', closes: 'CloseCamera' },
  faceCameraNum: { again: ['SetFaceLivingBodyState', 'OpenFaceCamera'], opens: 'OpenFaceCamera', closes: 'CloseFaceCamera' },
};

export class Opened {
  #cameras = new Map();

  /** To be told of each call that was answered. */
  hear(func, params) {
    for (const [name, { again, opens, closes }] of Object.entries(REMEMBERED)) {
      const key = `${name} ${params[name]}`;
      if (params[name] === undefined) continue;
      if (again.includes(func)) this.#cameras.set(key, { ...this.#cameras.get(key), [func]: params });
      else if (func === closes) this.#cameras.set(key, { ...this.#cameras.get(key), [opens]: undefined });
    }
  }

  /** Calls, `[func, params]`, that bring back a camera: `{ devNum }` or `{ faceCameraNum }`. */
  again(device) {
    const [[name, number]] = Object.entries(device);
    const camera = this.#cameras.get(`${name} ${number}`) ?? {};
    return REMEMBERED[name].again.filter((func) => camera[func]).map((func) => [func, camera[func]]);
  }
}
