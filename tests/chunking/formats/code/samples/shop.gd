class_name Order
extends Node

signal paid(amount)

const LIMIT := 20

@export var total: int = 0

enum Side { LEFT, RIGHT }

# Pays it.
func pay(amount: int) -> bool:
	if amount > total:
		return false
	total -= amount
	return true

func _ready():
	print("shop")

class Line:
	var price = 0

	func twice():
		return price * 2
