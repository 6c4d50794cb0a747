/**
 * The conformance kit: abstract JUnit suites that an implementer of the SPI subclasses, in some 40
 * lines, to learn whether it keeps each sentence of the contract. A rule that is broken is told in
 * one line: its id, the sentence, what was seen. {@code docs/spi-rules.md} lists them all.
 */
package dev.outboard.testkit;
