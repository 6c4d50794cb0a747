/** What frames and guests notice of the end of a daemon, a VMM or a guest, and of the next one. */
package dev.outboard.restart;
