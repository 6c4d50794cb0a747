/**
 * Real Linux guests, real peers and private networks for the end-to-end tests. Everything here is
 * an ordinary child process of the test JVM and dies with it, even on kill -9; nothing touches the
 * network of the host.
 */
package dev.outboard.lab;
