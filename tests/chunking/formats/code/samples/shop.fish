# Says hello.
function greet --argument name
    echo hello $name
end

function deploy
    for host in $argv
        ssh $host true
    end
end

greet shop
