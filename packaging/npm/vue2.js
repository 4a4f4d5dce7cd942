/** What pages of Vue 2 mix in: a connection, and a component with a camera's live picture. */
import { connect } from './gaopai.js';
import { showCamera } from './show-camera.js';

/** A mixin: `this.gaopai`, the connection of the component, null until it is mounted, and `this.gaopaiState`. */
export function withGaopai(url, options) {
  return {
    data: () => ({ gaopai: null, gaopaiState: 'connecting' }),
    mounted() {
      const connection = connect(url, options);
      const tell = () => { this.gaopaiState = connection.state; };
      connection.addEventListener('open', tell);
      connection.addEventListener('close', tell);
      this.gaopai = connection;
    },
    beforeDestroy() {
      if (this.gaopai) this.gaopai.close();
    },
  };
}

/** <camera-preview :gaopai="gaopai" :camera="0" @frame @codes @error>; nothing is opened while either is null. */
export const CameraPreview = {
  name: 'CameraPreview',
  props: { gaopai: { default: null }, camera: { default: null }, barcode: Boolean },
  computed: {
    wanted() { return [this.gaopai, JSON.stringify(this.camera), this.barcode]; },
  },
  watch: {
    wanted(now, before) { if (now.some((value, at) => value !== before[at])) this.show(); },
  },
  mounted() { this.show(); },
  beforeDestroy() { this.leave(); },
  methods: {
    leave() {
      if (this.end) this.end();
      this.end = null;
    },
    show() {
      this.leave();
      if (!this.gaopai || this.camera === null) return;
      const tell = (name) => (...detail) => this.$emit(name, ...detail);
      this.end = showCamera(this.gaopai, JSON.parse(JSON.stringify(this.camera)), this.$refs.canvas, {
        barcode: this.barcode, onFrame: tell('frame'), onCodes: tell('codes'), onError: tell('error'),
      });
    },
  },
  render(make) { return make('canvas', { ref: 'canvas' }); },
};
