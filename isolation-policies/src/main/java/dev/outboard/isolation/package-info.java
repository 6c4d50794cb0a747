/** Who shares a worker thread with whom: the policies a configuration can name. */
package dev.outboard.isolation;
