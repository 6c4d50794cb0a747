/** placeholder */ package dev.outboard.spi;
