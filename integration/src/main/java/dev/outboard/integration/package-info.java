/**
 * The composition root: everything that a user touches, and the one place that knows all other
 * modules. This package holds what its rooms share; they are {@code cli} (commands), {@code daemon}
 * (wiring and life), {@code rest} (the API, both sides), {@code config} (the file) and {@code wire}
 * (what the API sends).
 */
package dev.outboard.integration;
