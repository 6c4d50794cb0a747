/** placeholder */ package dev.outboard.linux;
