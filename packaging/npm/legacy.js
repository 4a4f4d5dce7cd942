/** All of gaopai.js and the mixin and component for Vue 2, for pages of old browsers: one classic script, global `Gaopai`. */
export * from './gaopai.js';
export * as vue2 from './vue2.js';
