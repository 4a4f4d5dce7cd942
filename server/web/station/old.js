/** The station in old browsers: what they lack of the language first. Built into station.legacy.js, for Chromium 78. */
import './old-features.js';
import './station.js';
