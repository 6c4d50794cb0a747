package dev.outboard.integration.wire;

import java.util.Map;

/**
 * An uplink as the API shows it.
 *
 * @param failure why it does not carry frames any more, or empty
 * @param drops frames from outside that were given to no guest, and what the transport lost by
 *     itself, by reason
 */
public record UplinkView(String name, String transport, String failure, Map<String, Long> drops) {}
