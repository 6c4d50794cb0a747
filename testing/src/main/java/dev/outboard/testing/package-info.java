/** What the tests of several modules share. A dependency of scope test only. */
package dev.outboard.testing;
