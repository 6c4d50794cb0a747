package dev.outboard.integration.wire;

/**
 * An uplink as the API shows it.
 *
 * @param failure why it does not carry frames any more, or empty
 */
public record UplinkView(String name, String transport, String failure) {}
