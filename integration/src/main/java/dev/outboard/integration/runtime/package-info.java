/** The runtime directory: what a daemon must find again after it was killed. */
package dev.outboard.integration.runtime;
