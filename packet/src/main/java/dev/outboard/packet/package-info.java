/** Frame formats: pure functions over bytes, shared by the engine and the transports. No I/O. */
package dev.outboard.packet;
