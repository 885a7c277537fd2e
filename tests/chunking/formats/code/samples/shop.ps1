# The shop.
using module Common

param([string]$Name = "shop")

<#
.SYNOPSIS
Says hello.
#>
function Get-Greeting {
    param([string]$Name)
    if ($Name) {
        "Hello $Name"
    } else {
        "Hello"
    }
}

class Order {
    [string]$Name

    Order([string]$name) {
        $this.Name = $name
    }

    [int] Total([bool]$taxed) {
        return 100
    }
}

Get-Greeting -Name $Name
