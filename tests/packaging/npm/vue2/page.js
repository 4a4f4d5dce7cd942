/* global Gaopai, Vue */
var service = new URLSearchParams(location.search);

new Vue({
  mixins: [Gaopai.vue2.withGaopai(service.get('service'))],
  data: { shown: true, state: '', picture: null },
  methods: {
    toggle: function () {
      this.shown = !this.shown;
      if (!this.shown) this.state = 'hidden';
    },
    capture: function () {
      var page = this;
      this.gaopai.captureBase64(0).then(function (pictures) { page.picture = URL.createObjectURL(pictures[0].blob); });
    },
  },
  render: function (make) {
    var page = this;
    var camera = { devNum: Number(service.get('device') || 0), fps: 15 };
    var on = {
      frame: function () { if (page.shown) page.state = 'live'; },
      error: function (error) { page.state = String(error.code); },
    };
    return make('div', [
      make('button', { attrs: { id: 'toggle' }, on: { click: this.toggle } }, 'Toggle'),
      make('button', { attrs: { id: 'capture' }, on: { click: this.capture } }, 'Capture'),
      make('p', { attrs: { id: 'state' } }, this.state),
      this.shown ? make(Gaopai.vue2.CameraPreview, { props: { gaopai: this.gaopai, camera: camera }, on: on }) : null,
      make('img', { attrs: { id: 'picture', alt: '', src: this.picture } }),
    ]);
  },
}).$mount('#page');
