package dev.outboard.bench.rest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Where an answer of the API ends. */
class RestClientTest {
  @Test
  void anAnswerEndsAfterAsManyBytesAsItSays() {
    String head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n";
    assertFalse(RestClient.isWhole(head + "[1,"));
    assertTrue(RestClient.isWhole(head + "[12]"));
  }

  @Test
  void oneInChunksEndsWithAnEmptyOne() {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n";
    assertFalse(RestClient.isWhole(head));
    assertTrue(RestClient.isWhole(head + "0\r\n\r\n"));
  }

  @Test
  void oneWithoutABodyEndsWithItsHead() {
    assertFalse(RestClient.isWhole("HTTP/1.1 204 No Content\r\n"));
    assertTrue(RestClient.isWhole("HTTP/1.1 204 No Content\r\n\r\n"));
  }
}
