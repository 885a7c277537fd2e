import 'dart:io';
import 'package:flutter/material.dart';

/// An order.
@immutable
class Order extends Base with Named {
  final String name;
  int _total = 0;

  Order(this.name);

  factory Order.empty() {
    return Order('');
  }

  /// The total.
  @override
  int total({bool taxed = false}) {
    if (taxed) {
      return 119;
    } else {
      return 100;
    }
  }

  int get size => 0;
}

enum Side { left, right }

extension Twice on int {
  int twice() => this * 2;
}

void main() {
  print(Order('a').total());
}
